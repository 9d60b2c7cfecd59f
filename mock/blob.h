/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signed links: BASE/__blobs/PROVIDER/BLOB/KIND/ID?expires=UNIX&signature=HEX. The signature (HMAC
 * with a key made from the seed) covers path and expiry, not the host, so links repeat and survive
 * a proxy. After its time, or changed, a link answers 403.
 */
#pragma once

#include "mock/exchange.h"

/* The absolute URL, in the play's arena. */
const char *blob_sign(struct play *play, const char *blob, struct resource *resource,
                      nanos expires);

#define BLOB_PREFIX "/__blobs/"
/* Serves a path that begins with BLOB_PREFIX (session and provider already taken off). */
void blob_serve(struct exchange *exchange);
