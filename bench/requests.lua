-- SPDX-License-Identifier: Apache-2.0
-- For wrk: the requests of one case, round robin from a file of paths. Arguments: FILE METHOD [BODY FILE].
local requests, turn = {}, 0

function init(arguments)
    local headers = { ["Authorization"] = "Bearer bench" }
    local body
    if arguments[3] then
        headers["Content-Type"] = "application/json"
        headers["X-Dryrun-Outcome"] = "run=queued"
        body = io.open(arguments[3]):read("*a")
    end
    for path in io.lines(arguments[1]) do
        requests[#requests + 1] = wrk.format(arguments[2], path, headers, body)
    end
    turn = math.random(#requests)
end

function request()
    turn = turn % #requests + 1
    return requests[turn]
end
