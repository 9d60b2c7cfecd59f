/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/map.h"
#include "tests/unit/cmocka_all.h"

static void a_map_keeps_the_order_of_insertion(void **state)
{
    (void)state;
    int one = 1, two = 2, three = 3;
    struct map *map = map_new();
    map_put(map, "one", &one);
    map_put(map, "two", &two);
    map_put(map, "three", &three);
    assert_ptr_equal(map_get(map, "two"), &two);
    assert_null(map_get(map, "four"));
    assert_null(map_get(NULL, "one"));
    assert_ptr_equal(map_remove(map, "two"), &two);
    map_put(map, "one", &three);
    const struct map_entry *entry = map_first(map);
    assert_string_equal(entry->key, "one");
    assert_ptr_equal(entry->value, &three);
    entry = entry->next;
    assert_string_equal(entry->key, "three");
    assert_null(entry->next);
    assert_int_equal(map_count(map), 2);
    map_free(map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_map_keeps_the_order_of_insertion)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
