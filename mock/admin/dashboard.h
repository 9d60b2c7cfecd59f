/* SPDX-License-Identifier: Apache-2.0 */
/* The admin API for people: a page that shows a session and steers it. Its files are built in. */
#pragma once

#include "mock/exchange.h"

struct page_file {
    const char *name; /* NULL ends the table */
    const unsigned char *text;
};
extern const struct page_file page_files[];

/* A browser that asks for the root of the mock is shown there (302); false: it is no browser. */
bool dashboard_redirect(struct exchange *exchange);
