-- SPDX-License-Identifier: Apache-2.0
-- Allocate and walk many short-lived binary trees: the allocator and the collector.
local depth = tonumber(arg[1]) or 15
local function make(d) if d == 0 then return {} end d = d - 1; return { make(d), make(d) } end
local function count(t) if t[1] then return 1 + count(t[1]) + count(t[2]) end return 1 end
local long = make(depth)
for d = 4, depth, 4 do
  local iters, sum = 1 << (depth - d + 3), 0
  for _ = 1, iters do sum = sum + count(make(d)) end
  print(d, iters, sum)
end
print(count(long))
