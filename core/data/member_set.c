/* SPDX-License-Identifier: Apache-2.0 */
#include "core/data/member_set.h"

static unsigned char hash(const char *name)
{
    unsigned first = (unsigned char)name[0], second = first ? (unsigned char)name[1] : 0;
    return (unsigned char)(first * 31 + second * 7);
}

void member_set_init(struct member_set *set, const char *const *names, size_t count)
{
    *set = (struct member_set){.names = names, .count = count};
    for (size_t i = 0; i < count; i++) {
        unsigned char slot = hash(names[i]);
        while (set->slots[slot])
            slot++;
        set->slots[slot] = (unsigned char)(i + 1);
    }
}

void member_set_find(const struct member_set *set, const cJSON *object, const cJSON **found)
{
    for (size_t i = 0; i < set->count; i++)
        found[i] = NULL;
    for (const cJSON *member = cJSON_IsObject(object) ? object->child : NULL; member;
         member = member->next) {
        unsigned char slot = hash(member->string), place;
        for (; (place = set->slots[slot]) != 0; slot++)
            if (text_is(set->names[place - 1], member->string)) {
                found[place - 1] = member;
                break;
            }
    }
}
