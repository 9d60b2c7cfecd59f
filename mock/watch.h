/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `--watch`: a thread that is told by the kernel (inotify) when something in the directories of the
 * documents changes, waits until nothing has changed for a moment, and has what changed loaded
 * again (mock/reload.h). Directories that are made later are followed, and so are links.
 */
#pragma once

#include "mock/mock.h"

struct watch;

enum {
    WATCH_SETTLES_MS = 40,    /* quiet for so long: editors write several files, and rename */
    WATCH_PATIENCE_MS = 2000, /* but this long after the first change it is loaded anyway */
};

/* NULL and `err` when the system gives no inotify. Not owned by the mock: stop it before. */
struct watch *watch_start(struct mock *mock, struct error *err);
void watch_stop(struct watch *watch); /* NULL is fine; waits for a reload that is under way */
