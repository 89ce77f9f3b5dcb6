-- SPDX-License-Identifier: Apache-2.0
-- String building, format, gsub, find, gmatch, concat.
local reps = tonumber(arg[1]) or 6
local total = 0
for r = 1, reps do
  local parts = {}
  for i = 1, 12000 do parts[#parts + 1] = ("item%d=%x;%s"):format(i, i * r, ("ab"):rep(i % 7)) end
  local s = table.concat(parts, ",")
  local t, n = s:gsub("item(%d+)=(%x+)", function(a, b) return b .. ":" .. a end)
  local u, m = t:gsub("[aeiou]", "<%0>")
  local words, chars = 0, 0
  for w in u:gmatch("%w+") do words = words + 1; chars = chars + #w end
  local pos, hits = 1, 0
  while true do
    local a, b = t:find("abab", pos, true)
    if not a then break end
    hits, pos = hits + 1, b + 1
  end
  local acc = ""
  for i = 1, 2000 do acc = acc .. s:sub(i, i):upper() end
  total = total + n + m + words + chars + hits + #acc + u:byte(#u // 2)
end
print(total)
