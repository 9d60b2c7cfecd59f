/* SPDX-License-Identifier: Apache-2.0 */
/* A header field, as server and client give it. */
#pragma once

struct http_header {
    const char *name, *value; /* the value without blanks around it */
};
