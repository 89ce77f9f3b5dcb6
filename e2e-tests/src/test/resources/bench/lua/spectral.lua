-- SPDX-License-Identifier: Apache-2.0
-- Largest singular value of the infinite matrix a(i,j) = 1/((i+j)(i+j+1)/2 + i + 1).
local n = tonumber(arg[1]) or 280
local function a(i, j) local s = i + j; return 1.0 / (s * (s + 1) // 2 + i + 1) end
local function av(x, y)
  for i = 0, n - 1 do local s = 0.0; for j = 0, n - 1 do s = s + x[j] * a(i, j) end; y[i] = s end
end
local function atv(x, y)
  for i = 0, n - 1 do local s = 0.0; for j = 0, n - 1 do s = s + x[j] * a(j, i) end; y[i] = s end
end
local u, v, t = {}, {}, {}
for i = 0, n - 1 do u[i] = 1.0 end
for _ = 1, 10 do av(u, t); atv(t, v); av(v, t); atv(t, u) end
local uv, vv = 0.0, 0.0
for i = 0, n - 1 do uv = uv + u[i] * v[i]; vv = vv + v[i] * v[i] end
print(("%.6f"):format(math.sqrt(uv / vv)))
