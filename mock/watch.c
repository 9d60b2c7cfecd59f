/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/watch.h"

#include "core/base/log.h"
#include "core/base/mem.h"
#include "mock/reload.h"
#include "mock/sources.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

struct watch {
    struct mock *mock;
    pthread_t thread;
    int changes;   /* inotify */
    int stop;      /* eventfd */
    bool was_told; /* of one that cannot be watched */
};

/* A file is whole when its writer closes it, or when it is renamed to its name. */
#define CHANGES                                                                                    \
    (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_DELETE_SELF |       \
     IN_MOVE_SELF | IN_ONLYDIR)

static void look_after(const char *path, void *data)
{
    struct watch *watch = data;
    /* the same directory again is the same watch: the kernel knows it by its inode */
    bool is_watched = inotify_add_watch(watch->changes, path, CHANGES) >= 0;
    if (is_watched || errno == ENOENT || errno == ENOTDIR || watch->was_told)
        return;
    watch->was_told = true;
    log_line(LEVEL_WARNING, "'%s' cannot be watched: %s; POST /__admin/reload loads it again", path,
             strerror(errno));
}

static void look_after_all(struct watch *watch)
{
    sources_each_directory(watch->mock, look_after, watch);
}

/* ---- waiting ---- */

enum seen { SEEN_NOTHING, SEEN_CHANGE, SEEN_STOP };

static enum seen wait_for(struct watch *watch, int timeout_ms)
{
    struct pollfd fds[] = {{.fd = watch->stop, .events = POLLIN},
                           {.fd = watch->changes, .events = POLLIN}};
    char room[16 * 1024];
    int ready = poll(fds, 2, timeout_ms);
    if (ready < 0)
        return errno == EINTR ? SEEN_CHANGE : SEEN_STOP;
    if (fds[0].revents)
        return SEEN_STOP;
    if (!fds[1].revents)
        return SEEN_NOTHING;
    /* what it was is all the same: the documents themselves are asked */
    while (read(watch->changes, room, sizeof room) > 0)
        continue;
    return SEEN_CHANGE;
}

static enum seen settle(struct watch *watch)
{
    const nanos until = instant_monotonic_now() + WATCH_PATIENCE_MS * NANOS_PER_MS;
    enum seen seen = SEEN_CHANGE;
    while (seen == SEEN_CHANGE && instant_monotonic_now() < until)
        seen = wait_for(watch, WATCH_SETTLES_MS);
    return seen;
}

static void load_again(struct watch *watch)
{
    struct arena *arena = arena_new();
    size_t count;
    /* first, so that what changes while it is read is seen, too */
    look_after_all(watch);
    reload(watch->mock, false, arena, &count);
    look_after_all(watch);
    arena_free(arena);
}

static void *run(void *data)
{
    struct watch *watch = data;
    enum seen seen = SEEN_NOTHING;
    while (seen != SEEN_STOP) {
        seen = wait_for(watch, -1);
        if (seen == SEEN_CHANGE)
            seen = settle(watch);
        if (seen != SEEN_STOP)
            load_again(watch);
    }
    return NULL;
}

/* ---- beginning and end ---- */

static void release(struct watch *watch)
{
    if (watch->changes >= 0)
        close(watch->changes);
    if (watch->stop >= 0)
        close(watch->stop);
    mem_free(watch);
}

struct watch *watch_start(struct mock *mock, struct error *err)
{
    struct watch *watch = mem_alloc(sizeof *watch);
    watch->mock = mock;
    watch->changes = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    watch->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int code = watch->changes < 0 || watch->stop < 0 ? errno : 0;
    if (!code) {
        look_after_all(watch);
        code = pthread_create(&watch->thread, NULL, run, watch);
    }
    if (!code)
        return watch;
    fail(err, ERROR_IO, "--watch: the documents cannot be watched: %s", strerror(code));
    release(watch);
    return NULL;
}

void watch_stop(struct watch *watch)
{
    if (!watch)
        return;
    eventfd_write(watch->stop, 1);
    pthread_join(watch->thread, NULL);
    release(watch);
}
