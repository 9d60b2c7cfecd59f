/* SPDX-License-Identifier: Apache-2.0 */
/* Whose the entries of a tape are; private to runner. */
#pragma once

#include "runner/tape/tape.h"

/* A service that the tape speaks of. */
struct tape_service {
    const struct target *target; /* its base is the prefix of the entries' URLs */
    size_t count;                /* entries that it explains */
};

struct tape_services {
    VEC(struct tape_service);
};

/* Path (without the base) and query of an entry's URL. */
struct tape_path {
    struct str path, query;
};

struct tape_services tape_find(struct arena *arena, const struct har *har,
                               const struct tape_options *options);
/* Whose an entry is; NULL: nobody's. Fills `path`. */
const struct tape_service *tape_whose(const struct tape_services *services,
                                      const struct har_entry *entry, struct tape_path *path);
