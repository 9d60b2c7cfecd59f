/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct error_row rows[ERROR_KINDS] = {
    [ERROR_NONE] = {"none", "No error", 200, EXIT_KEPT},
    [ERROR_INVALID] = {"invalid", "The request is not valid", 400, EXIT_USAGE},
    [ERROR_NOT_FOUND] = {"not_found", "Not found", 404, EXIT_USAGE},
    [ERROR_CONFLICT] = {"conflict", "Not possible now", 409, EXIT_USAGE},
    [ERROR_FORBIDDEN] = {"forbidden", "Not allowed", 403, EXIT_USAGE},
    [ERROR_UNSUPPORTED] = {"unsupported", "Not supported", 501, EXIT_USAGE},
    [ERROR_TOO_LARGE] = {"too_large", "Too large", 413, EXIT_USAGE},
    [ERROR_IO] = {"io", "Input or output failed", 500, EXIT_USAGE},
    [ERROR_UNREACHABLE] = {"unreachable", "The target cannot be reached", 502, EXIT_UNREACHABLE},
};

const struct error_row *error_row(enum error_kind kind)
{
    return &rows[kind];
}

int fail(struct error *err, enum error_kind kind, const char *format, ...)
{
    if (!err)
        return -1;
    va_list args;
    va_start(args, format);
    err->kind = kind;
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    return -1;
}

int fail_errno(struct error *err, const char *format, ...)
{
    int number = errno;
    if (!err)
        return -1;
    va_list args;
    va_start(args, format);
    err->kind = ERROR_IO;
    int len = vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    if (len >= 0 && (size_t)len < sizeof err->text)
        snprintf(err->text + len, sizeof err->text - (size_t)len, ": %s", strerror(number));
    return -1;
}
