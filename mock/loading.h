/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When providers are loaded: all before listening, or each when it is first asked for. Until then
 * a provider that nobody asked for is played by a stub: its name, and nothing that it could do.
 */
#pragma once

#include "mock/mock.h"

/* Loads all, or puts stubs (mock->is_lazy). -1: findings (or `err`) say why. */
int loading_start(struct mock *mock, struct findings *findings, struct error *err);
void loading_free(struct mock *mock);

/* The one at this place, loaded now if it was not. */
const struct played *loading_get(struct mock *mock, size_t index);
void loading_get_all(struct mock *mock);
/* Why it could not be loaded; NULL: it could, or nobody asked yet. */
const char *loading_failure(const struct mock *mock, const struct played *played);

/* The kinds of what is loaded, without any seed. */
void loading_add_kinds(struct mock *mock, struct world *world);
/* Seeds a new world with what is loaded; its lock is held. */
void loading_furnish_new(struct mock *mock, struct world *world);
/* Seeds a world with a provider that came later; nothing happens the second time. */
void loading_furnish(struct mock *mock, struct world *world, const struct played *played);
