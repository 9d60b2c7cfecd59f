/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/record_tape.h"

#include "core/base/file_save.h"
#include "core/base/mem.h"
#include "core/tape/reduce.h"

#include <pthread.h>
#include <stdlib.h>

/* One entry, and how it was written last. */
struct kept {
    struct har_entry entry;
    struct arena *arena;
    char *text; /* NULL: not yet, or with fewer secrets known */
    size_t text_len;
    bool is_learned;
};

struct record_tape {
    struct record_tape_options options;
    pthread_mutex_t lock;
    struct {
        VEC(struct kept *);
    } kept; /* by `lock`; what they point at is the saver's */
};

struct record_tape *record_tape_new(const struct record_tape_options *options)
{
    struct record_tape *tape = mem_alloc(sizeof *tape);
    tape->options = *options;
    pthread_mutex_init(&tape->lock, NULL);
    return tape;
}

void record_tape_free(struct record_tape *tape)
{
    if (!tape)
        return;
    for (size_t i = 0; i < tape->kept.count; i++) {
        arena_free(tape->kept.items[i]->arena);
        mem_free(tape->kept.items[i]->text);
        mem_free(tape->kept.items[i]);
    }
    vec_free(&tape->kept);
    pthread_mutex_destroy(&tape->lock);
    mem_free(tape);
}

void record_tape_add(struct record_tape *tape, struct arena *arena, const struct har_entry *entry)
{
    struct kept *kept = mem_alloc(sizeof *kept);
    *kept = (struct kept){.entry = *entry, .arena = arena};
    pthread_mutex_lock(&tape->lock);
    vec_push(&tape->kept, kept);
    size_t count = tape->kept.count;
    pthread_mutex_unlock(&tape->lock);
    if (count % tape->options.every == 0)
        tape->options.full();
}

/* The entries so far, in an array that no other thread moves. */
static struct kept **take_all(struct record_tape *tape, struct arena *arena, size_t *count)
{
    pthread_mutex_lock(&tape->lock);
    *count = tape->kept.count;
    struct kept **all = arena_copy(arena, tape->kept.items, *count * sizeof(struct kept *));
    pthread_mutex_unlock(&tape->lock);
    return all;
}

/* What is learned late is hidden in what was written early. */
static void learn(struct record_tape *tape, struct kept **all, size_t count)
{
    bool is_new = false;
    for (size_t i = 0; i < count; i++)
        if (!all[i]->is_learned) {
            all[i]->is_learned = true;
            is_new = tokens_learn(tape->options.tokens, &all[i]->entry) || is_new;
        }
    for (size_t i = 0; is_new && i < count; i++) {
        mem_free(all[i]->text);
        all[i]->text = NULL;
    }
}

static void render(struct record_tape *tape, struct kept *kept)
{
    struct arena *arena = arena_new();
    struct strbuf text = STRBUF_INIT(4 * (size_t)LIMIT_DOCUMENT);
    struct har_entry entry = tokens_replace(tape->options.tokens, arena, &kept->entry);
    har_add(&entry, true, &text);
    kept->text = strbuf_detach(&text, &kept->text_len);
    arena_free(arena);
}

static int compare_started(const void *a, const void *b)
{
    const struct har_entry *one = *(const struct har_entry *const *)a;
    const struct har_entry *other = *(const struct har_entry *const *)b;
    if (one->started != other->started)
        return one->started < other->started ? -1 : 1;
    return one < other ? -1 : one > other;
}

/* An entry is the first member of its struct kept. */
static const struct har_entry **order(const struct record_tape *tape, struct arena *arena,
                                      struct kept **all, size_t *count)
{
    const struct har_entry **entries = arena_alloc(arena, (*count + 1) * sizeof *entries);
    for (size_t i = 0; i < *count; i++)
        entries[i] = &all[i]->entry;
    qsort(entries, *count, sizeof(const struct har_entry *), compare_started);
    if (tape->options.is_reduced)
        *count = reduce_polls(entries, *count);
    return entries;
}

static int write_all(struct record_tape *tape, const struct har_entry **entries, size_t count,
                     struct error *err)
{
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    struct file_save *save = file_save_begin(tape->options.file, err);
    if (!save)
        return -1;
    har_begin("dryrun", DRYRUN_VERSION, &text);
    file_save_write(save, text.buf, text.len);
    for (size_t i = 0; i < count; i++) {
        struct kept *kept = (struct kept *)(uintptr_t)entries[i];
        if (!kept->text)
            render(tape, kept);
        file_save_write(save, ",\n", i ? 2 : 0);
        file_save_write(save, kept->text, kept->text_len);
    }
    strbuf_clear(&text);
    har_end(&text);
    file_save_write(save, text.buf, text.len);
    strbuf_release(&text);
    return file_save_end(save, err);
}

int record_tape_save(struct record_tape *tape, size_t *count, struct error *err)
{
    struct arena *arena = arena_new();
    struct kept **all = take_all(tape, arena, count);
    learn(tape, all, *count);
    const struct har_entry **entries = order(tape, arena, all, count);
    int result = write_all(tape, entries, *count, err);
    arena_free(arena);
    return result;
}
