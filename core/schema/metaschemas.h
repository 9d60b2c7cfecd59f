/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/schema/model.h"

void metaschemas_add(struct schema_set *set);
