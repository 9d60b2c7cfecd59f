/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One command as a child process: started, told of signals, waited for. It stays in this process's
 * group, so what the terminal sends (Ctrl-C, Ctrl-Z, hanging up) reaches it directly; what somebody
 * sends to this process alone is forwarded. It begins as if it had been started in our stead: with
 * the signal mask, the limits and the actions that we were started with.
 */
#pragma once

#include <signal.h>
#include <sys/resource.h>
#include <sys/types.h>

enum { CHILD_NOT_RUNNABLE = 126, CHILD_NOT_FOUND = 127, CHILD_BY_SIGNAL = 128 };

struct child {
    pid_t pid;
    sigset_t taken;  /* signals that child_wait takes */
    sigset_t before; /* the mask that we were started with */
    sigset_t fresh;  /* signals whose default action the child gets back */
    struct rlimit files;
};

/* Before the first thread begins: the signals are blocked in all of them. */
void child_prepare(struct child *child);
/* 0, or the exit code of a command that does not start: that was said on standard error. */
int child_start(struct child *child, char *const argv[], char *const envp[]);
/* Its exit code, or CHILD_BY_SIGNAL and the signal's number. */
int child_wait(struct child *child);
