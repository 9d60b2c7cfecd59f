/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether requests came as a test expects. 200 when they did and 417 when not, so that whoever
 * looks at nothing but the status (curl -f) fails, and a request that is wrong itself (400) is told
 * apart.
 */
#include "mock/verify/verify.h"
#include "mock/admin/handlers.h"

enum { STATUS_KEPT = 200, STATUS_NOT_KEPT = 417 };

static void answer(struct admin_call *call, const struct verdict *verdict)
{
    int status = verdict->holds ? STATUS_KEPT : STATUS_NOT_KEPT;
    struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
    if (admin_wants_text(call)) {
        verdict_text(call, verdict, &text);
        admin_reply_text(call, status, "text/plain; charset=utf-8", &text);
    } else {
        admin_reply(call, status, verdict_json(call, verdict));
    }
    strbuf_release(&text);
}

static void judge(struct admin_call *call, const struct verification *wanted,
                  struct journal *journal)
{
    struct journal_view looked_at, everything;
    struct request_filter filter = wanted->whole.filter;
    struct verdict verdict = {.is_complete = request_view_is_complete(journal, &filter),
                              .dropped = journal_dropped(journal)};
    journal_query(journal, request_filter_fits, &filter, SIZE_MAX, &looked_at);
    journal_query(journal, NULL, NULL, SIZE_MAX, &everything);
    verify_judge(call, wanted, &looked_at, &everything, &verdict);
    answer(call, &verdict);
    journal_view_release(&looked_at);
    journal_view_release(&everything);
}

void admin_verify(struct admin_call *call)
{
    struct verification wanted;
    verify_read(call, &wanted);
    struct world *world = request_world(call, wanted.session);
    if (!admin_refuse_problems(call))
        judge(call, &wanted, world->journal);
    world_unref(world);
}
