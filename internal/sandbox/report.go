package sandbox

// Measure is one way of confining a child.
type Measure struct {
	Name     string `json:"name"`
	Enforced bool   `json:"enforced"`
	Detail   string `json:"detail"` // what it does, or what its absence means
}

// Report says what this build enforces on every child, and what it does not. A
// measure that is called enforced but cannot be taken stops the child from
// starting; there is no quiet fallback.
func Report() []Measure {
	return []Measure{
		{"process group", true, "children are killed as a group when a job is cancelled"},
		{"parent death", true, "children die with this process, even when it is killed"},
		{"resource limits", true, "address space, CPU time, file size, open files; no core dumps"},
		{"file descriptors", true, "none inherited but those of the job"},
		{"no new privileges", true, "set-uid programs give nothing"},
		{"environment", true, "nothing inherited but LD_LIBRARY_PATH"},
		{"filesystem", false, "not built yet (Landlock): children can read what this process can read"},
		{"system calls", false, "not built yet (seccomp)"},
		{"network", false, "not built yet (namespace): children can open connections; protocol whitelists are what holds them"},
	}
}
