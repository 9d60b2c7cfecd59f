/* SPDX-License-Identifier: Apache-2.0 */
/* Which files a provider's documents are, and whether they have changed. */
#pragma once

#include "mock/mock.h"

struct slot;

/*
 * Of the names and bytes of all that is in the provider's two directories; of a document alone its
 * bytes, and name, size and time of the YAML and JSON files beside it, which it may refer to. Names
 * that begin with a dot or end with a tilde (what editors leave) do not count.
 */
uint64_t sources_hash(const struct mock *mock, const struct slot *slot);
/* Both directories have what a provider must have. */
bool sources_are_there(const struct mock *mock, const char *name);
/* Every directory to be looked after, the roots first; links are followed. */
void sources_each_directory(const struct mock *mock, void (*visit)(const char *path, void *data),
                            void *data);
