/* SPDX-License-Identifier: Apache-2.0 */
/* Where a server listens: numeric addresses, and one port for all of them. */
#pragma once

#include "core/base/error.h"

enum { HTTP_HOSTS_MAX = 8 };

struct http_addresses {
    const char *hosts[HTTP_HOSTS_MAX]; /* numeric; whoever gave them keeps them */
    int count, port;
};

/* `hosts` ends with NULL; NULL or none is 127.0.0.1, "localhost" is both loopbacks. -1 and `err`:
 * no numeric address, or too many. */
int addresses_add(struct http_addresses *addresses, const char *const *hosts, struct error *err);
/* A port that is free on every host: `port` itself unless it is 0. -1 and `err` names the host. */
int addresses_choose_port(struct http_addresses *addresses, int port, struct error *err);
