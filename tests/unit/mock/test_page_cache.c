/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/world/page_cache.h"

#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <string.h>

static const int list_a, list_b;

static struct page_key key_for(const char *target, uint32_t sequence)
{
    return (struct page_key){&list_a, target, "localhost", false, sequence};
}

static void put(struct page_cache *cache, struct page_key key, const char *body)
{
    struct text *text = text_copy(body);
    page_cache_put(cache, &key, text);
    text_unref(text);
}

static void expect(struct page_cache *cache, struct page_key key, const char *body)
{
    struct text *text = page_cache_find(cache, &key);
    assert_int_equal(text != NULL, body != NULL);
    if (body)
        assert_string_equal(text->bytes, body);
    text_unref(text);
}

static void a_page_is_found_until_the_store_changes(void **state)
{
    (void)state;
    struct page_cache *cache = page_cache_new();
    expect(cache, key_for("/runs", 1), NULL);
    put(cache, key_for("/runs", 1), "one");
    expect(cache, key_for("/runs", 1), "one");
    expect(cache, key_for("/runs", 2), NULL);
    put(cache, key_for("/runs", 2), "two");
    expect(cache, key_for("/runs", 2), "two");
    expect(cache, key_for("/runs", 1), NULL);
    page_cache_free(cache);
}

static void another_question_has_another_page(void **state)
{
    (void)state;
    struct page_cache *cache = page_cache_new();
    put(cache, key_for("/runs", 1), "one");
    struct page_key others[5];
    for (size_t i = 0; i < 5; i++)
        others[i] = key_for("/runs", 1);
    others[0].list = &list_b;
    others[1].target = "/runs?limit=1";
    others[2].host = "example";
    others[3].host = NULL;
    others[4].is_tls = true;
    for (size_t i = 0; i < 5; i++)
        expect(cache, others[i], NULL);
    put(cache, others[3], "nameless");
    expect(cache, others[3], "nameless");
    expect(cache, key_for("/runs", 1), "one");
    page_cache_free(cache);
}

static void the_oldest_makes_room_and_a_page_in_use_stays(void **state)
{
    (void)state;
    struct page_cache *cache = page_cache_new();
    char target[32];
    put(cache, key_for("/0", 1), "first");
    struct page_key first = key_for("/0", 1);
    struct text *held = page_cache_find(cache, &first);
    for (int i = 1; i <= PAGE_CACHE_ENTRIES; i++) {
        snprintf(target, sizeof target, "/%d", i);
        put(cache, key_for(target, 1), target);
    }
    expect(cache, key_for("/0", 1), NULL);
    expect(cache, key_for("/1", 1), "/1");
    expect(cache, key_for(target, 1), target);
    assert_string_equal(held->bytes, "first");
    text_unref(held);
    page_cache_free(cache);
}

static void a_large_page_is_not_kept(void **state)
{
    (void)state;
    struct page_cache *cache = page_cache_new();
    for (size_t len = PAGE_CACHE_TEXT; len <= PAGE_CACHE_TEXT + 1; len++) {
        struct text *text = text_blank(len);
        struct page_key key = key_for("/large", (uint32_t)len);
        memset(text->bytes, 'x', len);
        page_cache_put(cache, &key, text);
        struct text *found = page_cache_find(cache, &key);
        assert_int_equal(found != NULL, len == PAGE_CACHE_TEXT);
        text_unref(found);
        text_unref(text);
    }
    page_cache_free(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_is_found_until_the_store_changes),
        cmocka_unit_test(another_question_has_another_page),
        cmocka_unit_test(the_oldest_makes_room_and_a_page_in_use_stays),
        cmocka_unit_test(a_large_page_is_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
