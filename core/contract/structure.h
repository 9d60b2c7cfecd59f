/* SPDX-License-Identifier: Apache-2.0 */
/* The objects of OpenAPI and the members each may have; private to core/contract. */
#pragma once

#include "core/base/findings.h"
#include "core/data/tree.h"

enum object {
    OBJECT_NONE, /* any value, not looked into */
    OBJECT_OPENAPI,
    OBJECT_INFO,
    OBJECT_CONTACT,
    OBJECT_LICENSE,
    OBJECT_SERVER,
    OBJECT_SERVER_VARIABLE,
    OBJECT_COMPONENTS,
    OBJECT_PATH_ITEM,
    OBJECT_OPERATION,
    OBJECT_EXTERNAL_DOCS,
    OBJECT_PARAMETER,
    OBJECT_REQUEST_BODY,
    OBJECT_MEDIA_TYPE,
    OBJECT_ENCODING,
    OBJECT_RESPONSE,
    OBJECT_CALLBACK,
    OBJECT_EXAMPLE,
    OBJECT_LINK,
    OBJECT_HEADER,
    OBJECT_TAG,
    OBJECT_SECURITY_SCHEME,
    OBJECT_FLOWS,
    OBJECT_FLOW,
    OBJECT_OVERLAY,
    OBJECT_OVERLAY_ACTION,
};

/*
 * Every member known, of its type, required ones there; `minor` is the version (3.minor). What
 * extends it (x-...) is not looked at, nor are schemas (they have a compiler of their own). 0, or
 * -1 when there were findings.
 */
int structure_check(const cJSON *node, enum object object, int minor, struct findings *findings);
/* The same of a document that was not written for us: what we need not know is a warning. */
int structure_check_foreign(const cJSON *node, enum object object, int minor,
                            struct findings *findings);
