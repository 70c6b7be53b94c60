// Package sandbox confines a child process: FFmpeg, ffprobe and the packager
// read files made by strangers and are not trusted (DESIGN.md section 6).
//
// Run starts this very program again as "spool __sandbox …"; Init, called first
// in main, notices that, takes the child's privileges away, and becomes the
// tool by exec. So every measure is in force before the tool's first
// instruction, and nothing is installed on the machine.
//
// What is enforced today, and what Report says:
//
//   - own process group; the whole group is killed when the context ends
//   - the kernel kills the child when this process dies, even by SIGKILL
//   - limits on address space, CPU time, file size, open files; no core dumps
//   - no file descriptors but the standard ones and those asked for
//   - no_new_privs: set-uid programs give the child nothing
//   - a small environment; nothing of ours is inherited but LD_LIBRARY_PATH
//
// What is not there yet is the filesystem (Landlock), system calls (seccomp)
// and the network (namespaces): a child can read every file that this process
// can, and can open sockets. Their places are marked: the list of steps in
// child.go, after no_new_privs and before the address-space limit, for
// Landlock and seccomp; attributes in run.go for clone flags; and the folders
// that Landlock is to grant come with spool.Process (Dir is read-write; inputs
// will need a list of their own). Report names them as not enforced until then.
//
// It never looks at what the tool does or says, never retries, never logs.
package sandbox
