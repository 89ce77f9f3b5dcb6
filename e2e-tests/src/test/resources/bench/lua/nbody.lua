-- SPDX-License-Identifier: Apache-2.0
-- Planets under gravity, symplectic Euler. All doubles (x87 in Debian's i386 build).
local N = tonumber(arg[1]) or 60000
local PI = math.pi
local SUN = 4 * PI * PI
local YEAR = 365.24
local bodies = {}
local function add(x, y, z, vx, vy, vz, m)
  bodies[#bodies + 1] = { x = x, y = y, z = z, vx = vx * YEAR, vy = vy * YEAR, vz = vz * YEAR, m = m * SUN }
end
add(0, 0, 0, 0, 0, 0, 1)
add(4.84, -1.16, -0.10, 0.00166, 0.00770, -0.0000690, 0.000955)
add(8.34, 4.12, -0.40, -0.00277, 0.00500, 0.0000230, 0.000286)
add(12.89, -15.11, -0.22, 0.00296, 0.00238, -0.0000297, 0.0000437)
add(15.38, -25.92, 0.18, 0.00268, 0.00163, -0.0000952, 0.0000515)
local n = #bodies
local sqrt = math.sqrt

local function energy()
  local e = 0.0
  for i = 1, n do
    local b = bodies[i]
    e = e + 0.5 * b.m * (b.vx * b.vx + b.vy * b.vy + b.vz * b.vz)
    for j = i + 1, n do
      local c = bodies[j]
      local dx, dy, dz = b.x - c.x, b.y - c.y, b.z - c.z
      e = e - b.m * c.m / sqrt(dx * dx + dy * dy + dz * dz)
    end
  end
  return e
end

local function step(dt)
  for i = 1, n do
    local b = bodies[i]
    local bx, by, bz, bm = b.x, b.y, b.z, b.m
    local vx, vy, vz = b.vx, b.vy, b.vz
    for j = i + 1, n do
      local c = bodies[j]
      local dx, dy, dz = bx - c.x, by - c.y, bz - c.z
      local d2 = dx * dx + dy * dy + dz * dz
      local mag = dt / (d2 * sqrt(d2))
      local k = c.m * mag
      vx, vy, vz = vx - dx * k, vy - dy * k, vz - dz * k
      k = bm * mag
      c.vx, c.vy, c.vz = c.vx + dx * k, c.vy + dy * k, c.vz + dz * k
    end
    b.vx, b.vy, b.vz = vx, vy, vz
  end
  for i = 1, n do
    local b = bodies[i]
    b.x, b.y, b.z = b.x + dt * b.vx, b.y + dt * b.vy, b.z + dt * b.vz
  end
end

print(("%.6f"):format(energy()))
for _ = 1, N do step(0.01) end
print(("%.4f"):format(energy()))
