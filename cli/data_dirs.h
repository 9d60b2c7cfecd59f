/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where contracts and fixtures are when nobody says so: $DRYRUN_DATA, else the working directory
 * when it has contracts/, else beside the executable (in a build tree and where it was installed).
 */
#pragma once

#include "core/base/arena.h"
#include "core/base/error.h"

struct data_dirs {
    const char *contracts;
    const char *fixtures; /* NULL: nothing is played, contracts alone are wanted */
};

/* `contracts` and `fixtures` as given by options; NULL: look for them. 0, or -1 and `err`. */
int data_dirs_find(struct arena *arena, const char *contracts, const char *fixtures,
                   struct data_dirs *dirs, struct error *err);
/* The same for who plays nothing: fixtures that nobody named need not be there. */
int data_dirs_find_contracts(struct arena *arena, const char *contracts, const char *fixtures,
                             struct data_dirs *dirs, struct error *err);
/* Names with a contract (and fixtures, where they are wanted), sorted, NULL-terminated; NULL and
 * `err`. */
const char **data_dirs_providers(struct arena *arena, const struct data_dirs *dirs,
                                 struct error *err);
/* 0 when each name is a provider; -1 and the nearest one otherwise. */
int data_dirs_check(struct arena *arena, const struct data_dirs *dirs, const char *const *names,
                    size_t count, struct error *err);
