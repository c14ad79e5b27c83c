-- Watchers of a turnout: each connection asks again after about two seconds (1 to 3, evenly).

function init(arguments)
  for _, argument in ipairs(arguments) do
    local name, value = argument:match("^(%w+)=(.*)$")
    if name == "token" then wrk.headers["Authorization"] = "Bearer " .. value end
  end
  math.randomseed(tonumber(tostring({}):match("0x(%x+)"), 16) % 2 ^ 31)
end

function delay() -- milliseconds
  return math.random(1000, 3000)
end

function done(summary)
  local wrong = summary.errors
  io.write(string.format("watched\t%d\t%d\n", summary.requests,
    wrong.connect + wrong.read + wrong.write + wrong.status + wrong.timeout))
end
