/* SPDX-License-Identifier: Apache-2.0 */
/* The only file that knows PCRE2. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "core/base/mem.h"
#include "core/data/pattern_ast.h"
#include "core/data/pattern_example.h"

#include <pthread.h>

/*
 * Bounds of one match: some hundredth of a second at worst. The heap is in KiB; a text of a
 * megabyte against (a|b)* wants a frame a character.
 */
enum { MATCH_LIMIT = 1000000, DEPTH_LIMIT = 1000000, HEAP_LIMIT = 64 * 1024 };
enum { SPELLED_MAX = 4 * 1024 * 1024 };

struct pattern {
    pcre2_code *code;
    struct pattern_tree tree;
};

/* Each thread keeps its own, so that matching takes no memory once it is warm. */
struct scratch {
    pcre2_match_data *data;
    pcre2_match_context *context;
};

static pthread_key_t scratch_key;
static pthread_once_t scratch_once = PTHREAD_ONCE_INIT;

static void free_scratch(void *memory)
{
    struct scratch *scratch = memory;
    pcre2_match_data_free(scratch->data);
    pcre2_match_context_free(scratch->context);
    mem_free(scratch);
}

static void make_key(void)
{
    pthread_key_create(&scratch_key, free_scratch);
}

static struct scratch *own_scratch(void)
{
    pthread_once(&scratch_once, make_key);
    struct scratch *scratch = pthread_getspecific(scratch_key);
    if (!scratch) {
        scratch = mem_alloc(sizeof *scratch);
        scratch->data = pcre2_match_data_create(1, NULL);
        scratch->context = pcre2_match_context_create(NULL);
        pcre2_set_match_limit(scratch->context, MATCH_LIMIT);
        pcre2_set_depth_limit(scratch->context, DEPTH_LIMIT);
        pcre2_set_heap_limit(scratch->context, HEAP_LIMIT);
        pthread_setspecific(scratch_key, scratch);
    }
    return scratch;
}

static void free_code(void *code)
{
    pcre2_code_free(code);
}

static int compile(struct pattern *pattern, const char *text, enum pattern_dialect dialect,
                   struct error *err)
{
    struct strbuf spelled = STRBUF_INIT(SPELLED_MAX);
    pattern_spell(&pattern->tree, &spelled);
    uint32_t options = PCRE2_UTF | PCRE2_NO_UTF_CHECK | PCRE2_DOLLAR_ENDONLY |
                       PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C |
                       (dialect == PATTERN_IREGEXP ? PCRE2_ANCHORED | PCRE2_ENDANCHORED : 0u);
    int number = PCRE2_ERROR_NOMEMORY;
    PCRE2_SIZE offset;
    if (!spelled.overflowed)
        pattern->code =
            pcre2_compile((PCRE2_SPTR)spelled.buf, spelled.len, options, &number, &offset, NULL);
    strbuf_release(&spelled);
    if (pattern->code)
        return 0;
    PCRE2_UCHAR message[256] = "too large";
    pcre2_get_error_message(number, message, sizeof message);
    return fail(err, ERROR_INVALID, "'%s' is no regular expression: %s", text,
                (const char *)message);
}

const struct pattern *pattern_compile(struct arena *arena, const char *text,
                                      enum pattern_dialect dialect, struct error *err)
{
    struct pattern *pattern = arena_alloc(arena, sizeof *pattern);
    if (pattern_read(arena, text, dialect, &pattern->tree, err) ||
        compile(pattern, text, dialect, err))
        return NULL;
    arena_defer(arena, free_code, pattern->code);
    return pattern;
}

/* U+0000 stands as C0 80 in our texts; in the copy it is one byte again. */
static char *copy_with_nuls(struct str text, size_t *len)
{
    char *copy = mem_alloc(text.len + 1), *out = copy;
    for (size_t i = 0; i < text.len; i++) {
        bool nul = (unsigned char)text.ptr[i] == 0xC0 && i + 1 < text.len &&
                   (unsigned char)text.ptr[i + 1] == 0x80;
        *out++ = nul ? '\0' : text.ptr[i];
        i += nul;
    }
    *len = (size_t)(out - copy);
    return copy;
}

/* What PCRE2 says: 0 and above is a match, -1 is none, below that a limit was met or it is no
 * UTF-8. */
static int match(const struct pattern *pattern, struct str subject)
{
    struct scratch *scratch = own_scratch();
    char *copy = NULL;
    if (!subject.ptr)
        subject = STR_LITERAL("");
    if (memchr(subject.ptr, 0xC0, subject.len))
        subject.ptr = copy = copy_with_nuls(subject, &subject.len);
    int rc = pcre2_match(pattern->code, (PCRE2_SPTR)subject.ptr, subject.len, 0, 0, scratch->data,
                         scratch->context);
    mem_free(copy);
    return rc;
}

bool pattern_matches(const struct pattern *pattern, struct str subject)
{
    return match(pattern, subject) >= 0;
}

const char *pattern_example(struct arena *arena, const struct pattern *pattern, uint64_t key,
                            size_t max)
{
    enum { ATTEMPTS = 50 };
    for (unsigned attempt = 0; attempt < ATTEMPTS; attempt++) {
        struct strbuf text = STRBUF_INIT(max);
        const char *made = NULL;
        int rc = PCRE2_ERROR_NOMATCH;
        if (example_try(&pattern->tree, key, attempt, &text))
            rc = match(pattern, (struct str){text.buf, text.len});
        if (rc >= 0)
            made = arena_strndup(arena, text.buf, text.len);
        strbuf_release(&text);
        if (made)
            return made;
        if (rc < PCRE2_ERROR_PARTIAL)
            attempt += ATTEMPTS / 4; /* a slow one: do not go on for long */
    }
    return NULL;
}
