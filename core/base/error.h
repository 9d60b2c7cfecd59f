/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One error value, and one table that gives each kind its HTTP status, exit code and title.
 * Functions that can fail return 0 or -1 (or a pointer or NULL) and take `struct error *err` last;
 * `return fail(err, ERROR_INVALID, "...")` fills it. Texts: lower case, no full stop, what is wrong
 * first, the subject in single quotes. Loading documents collects all findings instead: see
 * core/base/findings.h.
 */
#pragma once

enum error_kind {
    ERROR_NONE,
    ERROR_INVALID, /* the input breaks its rules */
    ERROR_NOT_FOUND,
    ERROR_CONFLICT, /* right, but not now */
    ERROR_FORBIDDEN,
    ERROR_UNSUPPORTED, /* legal, but not done here */
    ERROR_TOO_LARGE,
    ERROR_IO,          /* files, sockets */
    ERROR_UNREACHABLE, /* the target of a check */
    ERROR_KINDS
};

struct error {
    enum error_kind kind;
    char text[1024]; /* one line, cut when longer */
};

struct error_row {
    const char *name, *title;
    int http_status, exit_code;
};

/* Exit codes: 0 kept, 1 contract broken, 2 usage or document, 3 unreachable, 4 internal, 5 nothing
 * judged. */
enum exit_code {
    EXIT_KEPT,
    EXIT_BROKEN,
    EXIT_USAGE,
    EXIT_UNREACHABLE,
    EXIT_INTERNAL,
    EXIT_NOTHING
};

const struct error_row *error_row(enum error_kind kind);

/* No error, as `= {0}` says it without zeroing a kilobyte: for what every request passes. */
static inline void error_clear(struct error *err)
{
    err->kind = ERROR_NONE;
    err->text[0] = '\0';
}

/* Fills `err` (NULL is fine) and returns -1. */
int fail(struct error *err, enum error_kind kind, const char *format, ...)
    __attribute__((cold, format(printf, 3, 4)));
/* The same for what a system call said: adds ": " and the text of errno. */
int fail_errno(struct error *err, const char *format, ...)
    __attribute__((cold, format(printf, 2, 3)));
