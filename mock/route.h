/* SPDX-License-Identifier: Apache-2.0 */
/* Whose request it is: the provider that a path means, and where in its document the path leads. */
#pragma once

#include "mock/exchange.h"

/* "/a/b" gives "a", and behind that "/b". */
struct str path_segment(struct str path);
struct str path_behind(struct str path, struct str segment);
bool route_is_blob(struct str path); /* a signed link, which no document knows */

/*
 * Fills played, match, path and provider_prefix: /PROVIDER/...; or the root, when one provider is
 * played or just one knows the path. A provider's paths may begin with a provider's name, too: then
 * what is known decides. `played` NULL: nobody is meant. Whoever needs the route asks; it is looked
 * for once (`is_routed`).
 */
void route_find(struct exchange *exchange);
