/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/log.h"

#include "core/base/strbuf.h"
#include "core/base/terminal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <unistd.h>

const char *const log_level_names[] = {"error", "warning", "info", "debug", NULL};

static const char *const colours[] = {"\033[31m", "\033[33m", "\033[36m", "\033[2m"};

static atomic_int most = LEVEL_WARNING;

void log_set_level(enum log_level level)
{
    atomic_store(&most, (int)level);
}

bool log_is_on(enum log_level level)
{
    return (int)level <= atomic_load(&most);
}

static void add_escaped(struct strbuf *line, const char *text)
{
    for (const char *at = text; *at; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte < 0x20 || byte == 0x7f)
            strbuf_addf(line, "\\x%02x", byte);
        else
            strbuf_addch(line, *at);
    }
}

/* A signal may interrupt the write; whatever else goes wrong, there is nobody left to tell. */
static void write_whole(const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t written = write(STDERR_FILENO, bytes, len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return;
        bytes += written;
        len -= (size_t)written;
    }
}

void log_line(enum log_level level, const char *format, ...)
{
    if (!log_is_on(level))
        return;
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE), line = STRBUF_INIT(LIMIT_MESSAGE * 4 + 64);
    va_list args;
    va_start(args, format);
    strbuf_vaddf(&text, format, args);
    va_end(args);

    bool in_colour = terminal_colour(STDERR_FILENO);
    strbuf_addf(&line, "dryrun: %s%s:%s ", in_colour ? colours[level] : "", log_level_names[level],
                in_colour ? "\033[0m" : "");
    add_escaped(&line, text.overflowed ? "(a line too long to print)" : text.buf);
    strbuf_addch(&line, '\n');
    write_whole(line.buf, line.len);
    strbuf_release(&line);
    strbuf_release(&text);
}
