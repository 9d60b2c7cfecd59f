/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/exec_child.h"

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/log.h"

#include <errno.h>
#include <pthread.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

static const int forwarded[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};

void child_prepare(struct child *child)
{
    struct sigaction action;
    *child = (struct child){0};
    sigemptyset(&child->taken);
    for (size_t i = 0; i < sizeof forwarded / sizeof *forwarded; i++)
        sigaddset(&child->taken, forwarded[i]);
    sigaddset(&child->taken, SIGCHLD);
    pthread_sigmask(SIG_BLOCK, &child->taken, &child->before);
    /* the server ignores broken pipes, the command should not, unless it would anyway */
    sigemptyset(&child->fresh);
    if (!sigaction(SIGPIPE, NULL, &action) && action.sa_handler == SIG_DFL)
        sigaddset(&child->fresh, SIGPIPE);
    /* ignored, it would take away what the child ended with */
    signal(SIGCHLD, SIG_DFL);
    /* the server raises this one */
    getrlimit(RLIMIT_NOFILE, &child->files);
}

/* ---- starting ---- */

static int spawn(struct child *child, char *const argv[], char *const envp[])
{
    posix_spawnattr_t attributes;
    struct rlimit raised;
    if (posix_spawnattr_init(&attributes))
        return ENOMEM;
    posix_spawnattr_setsigmask(&attributes, &child->before);
    posix_spawnattr_setsigdefault(&attributes, &child->fresh);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    getrlimit(RLIMIT_NOFILE, &raised);
    setrlimit(RLIMIT_NOFILE, &child->files);
    int code = posix_spawnp(&child->pid, argv[0], NULL, &attributes, argv, envp);
    setrlimit(RLIMIT_NOFILE, &raised);
    posix_spawnattr_destroy(&attributes);
    return code;
}

/* A file without a first line that names an interpreter is the shell's, as execvp(3) has it. */
static int spawn_script(struct child *child, char *const argv[], char *const envp[])
{
    static char shell[] = "/bin/sh";
    size_t count = 0;
    while (argv[count])
        count++;
    struct arena *arena = arena_new();
    char **longer = arena_alloc(arena, (count + 2) * sizeof *longer);
    longer[0] = shell;
    for (size_t i = 0; i < count; i++)
        longer[i + 1] = argv[i];
    int code = spawn(child, longer, envp);
    arena_free(arena);
    return code;
}

static int complain(const char *command, int code)
{
    bool is_path = strchr(command, '/') != NULL;
    if (code == ENOENT && is_path && file_exists(command)) {
        log_line(LEVEL_ERROR,
                 "cannot run '%s': what should interpret it (its first line) is not there",
                 command);
        return CHILD_NOT_RUNNABLE;
    }
    if (code == ENOENT || code == ENOTDIR) {
        log_line(LEVEL_ERROR, "cannot run '%s': %s", command,
                 is_path ? "there is no such file" : "no such command on the PATH");
        return CHILD_NOT_FOUND;
    }
    struct error err = {0};
    errno = code;
    fail_errno(&err, "cannot run '%s'", command);
    log_line(LEVEL_ERROR, "%s", err.text);
    return CHILD_NOT_RUNNABLE;
}

/* A signal that came while there was no child yet, terminal or not, is meant for both. */
static int early_signal(const struct child *child)
{
    static const struct timespec at_once = {0, 0};
    sigset_t set = child->taken;
    sigdelset(&set, SIGCHLD);
    int number = sigtimedwait(&set, NULL, &at_once);
    return number > 0 ? CHILD_BY_SIGNAL + number : 0;
}

int child_start(struct child *child, char *const argv[], char *const envp[])
{
    int early = early_signal(child);
    if (early)
        return early;
    int code = spawn(child, argv, envp);
    if (code == ENOEXEC)
        code = spawn_script(child, argv, envp);
    return code ? complain(argv[0], code) : 0;
}

/* ---- waiting ---- */

static int exit_code(int status)
{
    return WIFSIGNALED(status) ? CHILD_BY_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

int child_wait(struct child *child)
{
    int status;
    siginfo_t info;
    for (;;) {
        pid_t ended = waitpid(child->pid, &status, WNOHANG);
        if (ended == child->pid)
            return exit_code(status);
        if (ended < 0 && errno != EINTR)
            return EXIT_INTERNAL;
        int number = sigwaitinfo(&child->taken, &info);
        /* the kernel sends for the terminal, and to the whole group: the child has it already */
        if (number > 0 && number != SIGCHLD && info.si_code != SI_KERNEL)
            kill(child->pid, number);
    }
}
