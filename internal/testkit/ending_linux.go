package testkit

import (
	"os/exec"
	"syscall"
)

// endWithUs has a program killed when the test process dies without ending it.
func endWithUs(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
