-- One phone with one connection: wrk runs this with as many threads as connections, so that what a
-- thread remembers is what its connection is doing. Answers are checked; each latency is kept.
--
-- A request is made by `request` and changes nothing, because wrk asks for one before the start and
-- again after a lost connection; only `response` goes on to the next.

local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds; long nanoseconds; } bench_time;
  int clock_gettime(int clock, bench_time *time);
]]
local MONOTONIC = 1
local RECORD = 48 -- a code (16 symbols) and a nonce (32)

local clock = ffi.new("bench_time")
local function now() -- seconds
  ffi.C.clock_gettime(MONOTONIC, clock)
  return tonumber(clock.seconds) + tonumber(clock.nanoseconds) / 1e9
end

local threads = 0
function setup(thread)
  thread:set("place", threads)
  threads = threads + 1
end

local STEPS = {
  hello = { "hello" },
  form = { "form" },
  page = { "page" },
  review = { "review" },
  cast = { "cast" },
  visit = { "page", "review", "cast" },
}
local ONCE = { cast = true, visit = true } -- a code is spent; the others begin again at the end

local given, steps, records, page, heads = {}, nil, "", nil, {}
local step, record, nonce = 1, 0, nil
local sent, began
local counted, acknowledged, used = 0, 0, 0
local latencies, errors = {}, {}

local function contents(path, from, length)
  local file = assert(io.open(path, "rb"))
  file:seek("set", from)
  local bytes = file:read(length) or ""
  file:close()
  return bytes
end

function init(arguments)
  for _, argument in ipairs(arguments) do
    local name, value = argument:match("^(%w+)=(.*)$")
    if name then given[name] = tonumber(value) or value end
  end
  steps = assert(STEPS[given.kind], "no such kind of load")
  for _, name in ipairs(steps) do latencies[name] = {} end
  if given.kind == "visit" then latencies.visit = {} end
  if given.each then
    records = contents(given.records, (given.first + place * given.each) * RECORD, given.each * RECORD)
    assert(#records == given.each * RECORD, "the file of codes is too short")
  end
  if given.page then page = contents(given.page, 0, "*a") end
  local phone = "Host: " .. wrk.host .. ":" .. wrk.port .. "\r\nUser-Agent: Mozilla/5.0 (Linux; Android 10)\r\n"
    .. "Accept: text/html\r\nAccept-Language: zh-CN,zh;q=0.9\r\n"
  heads.get = phone .. "Accept-Encoding: gzip, deflate\r\n\r\n"
  heads.post = phone .. "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: "
end

local function code() return records:sub(record * RECORD + 1, record * RECORD + 16) end
local function nonce_on_file()
  local kept = records:sub(record * RECORD + 17, (record + 1) * RECORD)
  return given.nonce == "backwards" and kept:reverse() or kept
end

local function get(path) return "GET " .. path .. " HTTP/1.1\r\n" .. heads.get end
local function post(path, body)
  return "POST " .. path .. " HTTP/1.1\r\n" .. heads.post .. #body .. "\r\n\r\n" .. body
end

local requests = {
  hello = function() return get("/hello") end,
  form = function()
    return post("/form", "step=cast&nonce=0123456789abcdef0123456789abcdef&" .. given.choices)
  end,
  page = function() return get("/B/" .. code()) end,
  review = function() return post("/B/" .. code(), "step=review&" .. given.choices) end,
  cast = function()
    return post("/B/" .. code(), "step=cast&nonce=" .. (nonce or nonce_on_file()) .. "&" .. given.choices)
  end,
}

-- Each returns what is wrong with an answer, or nil.
local checks = {
  hello = function(body) return body ~= "hello" and "other words" or nil end,
  form = function(body) return body ~= "12" and "other words" or nil end,
  page = function(body) return body ~= page and "another page" or nil end,
  review = function(body)
    nonce = body:match('name="nonce" value="(%x+)"')
    if not nonce or #nonce ~= 32 then return "no nonce" end
    return not body:find("请核对", 1, true) and "other words" or nil
  end,
  cast = function(body) return not body:find("已计票", 1, true) and "other words" or nil end,
}

local function wrong_with(name, status, body)
  if status == 200 then return checks[name](body) end
  return body:find("此票已投", 1, true) and "refused as used" or "status " .. status
end

local function report(ending)
  local path = given.reports .. "/" .. place
  local file = assert(io.open(path .. ".part", "w"))
  file:write("ending\t", ending, "\n")
  file:write("counted\t", counted, "\nacknowledged\t", acknowledged, "\nused\t", used, "\n")
  for what, number in pairs(errors) do file:write("error\t", what, "\t", number, "\n") end
  for name, list in pairs(latencies) do
    file:write("latency\t", name, "\t", table.concat(list, " "), "\n")
  end
  file:close()
  assert(os.rename(path .. ".part", path))
  wrk.thread:stop()
end

local function keep(name, seconds)
  local list = latencies[name]
  list[#list + 1] = math.floor(seconds * 1e6 + 0.5) -- microseconds
end

local function next_record()
  step, nonce, used = 1, nil, used + 1
  if not given.each then return true end
  record = record + 1
  if record < given.each then return true end
  record = 0
  return not ONCE[given.kind]
end

function request()
  sent = now()
  if step == 1 then began = sent end
  return requests[steps[step]]()
end

function response(status, _, body)
  local at, name = now(), steps[step]
  local wrong = wrong_with(name, status, body)
  local inside = at >= given.begin and at < given.finish
  local more = true
  if wrong then
    errors[name .. ": " .. wrong] = (errors[name .. ": " .. wrong] or 0) + 1
    more = next_record()
  else
    if inside then keep(name, at - sent) end
    if name == "cast" then acknowledged = acknowledged + 1 end
    if step < #steps then
      step = step + 1
    else
      if inside then
        counted = counted + 1
        if given.kind == "visit" then keep("visit", at - began) end
      end
      more = next_record()
    end
  end
  if at >= given.finish then
    report("time")
  elseif not more then
    report("no codes left")
  end
end
