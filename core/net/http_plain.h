/* SPDX-License-Identifier: Apache-2.0 */
/* Where plain calls go: addresses that need no looking up, and sockets to them. */
#pragma once

#include "core/base/str.h"
#include "core/net/http_answer.h"

enum { PLAIN_AUTHORITY_MAX = 80 };

struct plain_connection {
    int socket; /* blocking, a read waits a second at most; -1: none */
    uint64_t used;
    bool is_over; /* no other call may use it */
    char
        authority[PLAIN_AUTHORITY_MAX]; /* "127.0.0.1:8080", as URLs have it; "" without a socket */
};

struct plain_trouble {
    bool is_late;
    char why[100];
};

/* A number of IPv4 or [IPv6], or localhost, and maybe a port; and no proxy stands in between. */
bool plain_can_reach(struct str authority);
/* 0, or -1 and why. */
int plain_connect(struct plain_connection *connection, struct str authority, int timeout_ms,
                  struct plain_trouble *trouble);
