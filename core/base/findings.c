/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/findings.h"

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void release_one(struct finding *finding)
{
    mem_free((char *)finding->place.file);
    mem_free(finding->text);
}

void findings_release(struct findings *findings)
{
    struct finding *finding;
    vec_foreach (finding, findings)
        release_one(finding);
    vec_free(findings);
    findings->errors = 0;
}

__attribute__((format(printf, 4, 0))) static void add(struct findings *findings, struct place place,
                                                      bool is_warning, const char *format,
                                                      va_list args)
{
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    strbuf_vaddf(&text, format, args);
    struct finding finding = {place, strbuf_detach(&text, NULL), is_warning};
    finding.place.file = mem_strdup(place.file);
    vec_push(findings, finding);
    if (!is_warning)
        findings->errors++;
}

void findings_add(struct findings *findings, struct place place, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(findings, place, false, format, args);
    va_end(args);
}

void findings_warn(struct findings *findings, struct place place, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(findings, place, true, format, args);
    va_end(args);
}

static int compare_numbers(unsigned a, unsigned b)
{
    return (a > b) - (a < b);
}

static int compare(const struct finding *a, const struct finding *b)
{
    const char *a_file = a->place.file ? a->place.file : "";
    const char *b_file = b->place.file ? b->place.file : "";
    int order = strcmp(a_file, b_file);
    if (!order)
        order = compare_numbers(a->place.line, b->place.line);
    return order ? order : compare_numbers(a->place.column, b->place.column);
}

/* Insertion sort: few findings, mostly in order already, and stable. */
void findings_sort(struct findings *findings)
{
    for (size_t i = 1; i < findings->count; i++) {
        struct finding moving = findings->items[i];
        size_t j = i;
        for (; j > 0 && compare(&findings->items[j - 1], &moving) > 0; j--)
            findings->items[j] = findings->items[j - 1];
        findings->items[j] = moving;
    }
    size_t kept = 0;
    for (size_t i = 0; i < findings->count; i++) {
        struct finding *one = &findings->items[i];
        if (kept && compare(&findings->items[kept - 1], one) == 0 &&
            text_is(findings->items[kept - 1].text, one->text)) {
            findings->errors -= one->is_warning ? 0 : 1;
            release_one(one);
            continue;
        }
        findings->items[kept++] = *one;
    }
    findings->count = kept;
}

void place_print(struct place place, struct strbuf *out)
{
    strbuf_adds(out, place.file ? place.file : "-");
    if (place.line)
        strbuf_addf(out, ":%u:%u", place.line, place.column);
}

static void print_one(const struct finding *finding, struct strbuf *out)
{
    if (finding->place.file) {
        place_print(finding->place, out);
        strbuf_adds(out, ": ");
    }
    strbuf_addf(out, "%s%s\n", finding->is_warning ? "warning: " : "", finding->text);
}

void findings_print(const struct findings *findings, struct strbuf *out)
{
    const struct finding *finding;
    vec_foreach (finding, findings)
        print_one(finding, out);
}

void findings_tell(struct findings *findings)
{
    struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
    const struct finding *finding;
    findings_sort(findings);
    vec_foreach (finding, findings) {
        if (!finding->place.file) { /* the program itself says it */
            log_line(finding->is_warning ? LEVEL_WARNING : LEVEL_ERROR, "%s", finding->text);
            continue;
        }
        strbuf_clear(&text);
        print_one(finding, &text);
        fputs(text.buf, stderr);
    }
    strbuf_release(&text);
}
