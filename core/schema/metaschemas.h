/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/schema/model.h"

/* Adds the metaschema to the set at its first use; NULL when `uri` names none. */
struct resource *metaschema_find(struct schema_set *set, const char *uri);
