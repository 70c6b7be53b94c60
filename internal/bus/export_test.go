package bus

// Abandon ends the server under a bus whose handlers are still at work, so that
// they settle nothing any more.
func Abandon(b *Bus) {
	b.server.Shutdown()
	b.server.WaitForShutdown()
}
