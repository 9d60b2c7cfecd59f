/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/reports/reports.h"

#include "core/base/str.h"

const struct reporter reporters[] = {
    {"console", "for people, on standard output", false, false, report_console},
    {"junit", "JUnit XML", true, false, report_junit},
    {"json", "JSON, described in docs/REPORTS.md", true, true, report_json},
    {"tap", "TAP 14", false, false, report_tap},
    {"html", "one page, for a browser", true, true, report_html},
    {"github", "annotations of a GitHub workflow, on standard output", false, false, report_github},
    {NULL, NULL, false, false, NULL},
};

const struct reporter *reporter_find(struct arena *arena, const char *text, const char **file,
                                     struct error *err)
{
    size_t len = strcspn(text, "=");
    const char *names[8];
    size_t count = 0;
    *file = text[len] ? text + len + 1 : NULL;
    for (const struct reporter *row = reporters; row->name; row++) {
        names[count++] = row->name;
        if (strlen(row->name) != len || strncmp(row->name, text, len) != 0)
            continue;
        if (row->needs_file && (!*file || !**file)) {
            fail(err, ERROR_INVALID, "report '%s' needs a file: %s=FILE", row->name, row->name);
            return NULL;
        }
        return row;
    }
    const char *near = text_nearest_of(arena_strndup(arena, text, len), names, count);
    fail(err, ERROR_INVALID, "unknown report '%s'%s%s%s", text,
         near ? " (did you mean '" : ": console, junit=FILE, json=FILE, tap, html=FILE or github",
         near ? near : "", near ? "'?)" : "");
    return NULL;
}
