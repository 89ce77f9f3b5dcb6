-- SPDX-License-Identifier: Apache-2.0
-- table.sort: integers with the default order, then records with a comparison function.
local n = tonumber(arg[1]) or 120000
local seed = 7
local function rnd() seed = (seed * 1103515245 + 12345) & 0x7fffffff; return seed >> 8 end
local a = {}
for i = 1, n do a[i] = rnd() end
table.sort(a)
local b = {}
for i = 1, n // 2 do b[i] = { key = rnd() % 1000, name = "n" .. rnd() } end
table.sort(b, function(x, y) if x.key ~= y.key then return x.key > y.key end return x.name < y.name end)
local h = 0
for i = 1, n, 7 do h = (h * 31 + a[i]) & 0xffffffff end
for i = 1, #b, 11 do h = (h * 31 + b[i].key + #b[i].name) & 0xffffffff end
print(h, a[1], b[1].name, b[#b].name)
