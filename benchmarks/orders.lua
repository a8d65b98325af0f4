-- One order of three lines a request, for the floor or for the portal (BENCH_KIND).
local kind = os.getenv("BENCH_KIND")
local token = os.getenv("BENCH_TOKEN") or ""
local points = tonumber(os.getenv("BENCH_POINTS"))
local run = os.getenv("BENCH_RUN")
local sent, refused = 0, 0

local line = '{"sku":"SKU-%d","quantity":"%d","unit_price":"150.00"}'
local order = '{"service_point":"SP-%05d","channel":"api","lines":[' ..
  line .. "," .. line .. "," .. line .. "]}"
local floor = '{"point":%d,"lines":[{"product":%d,"quantity":%d},' ..
  '{"product":%d,"quantity":%d},{"product":%d,"quantity":%d}]}'

function init(args) math.randomseed(os.time()) end

function request()
  sent = sent + 1
  local point, first = math.random(1, points), math.random(1, 330)
  local headers = {["Content-Type"] = "application/json"}
  if kind == "floor" then
    return wrk.format("POST", "/orders", headers,
      string.format(floor, point, first, 2, first + 330, 1, first + 660, 3))
  end
  headers["Authorization"] = "Bearer " .. token
  headers["Idempotency-Key"] = run .. "-" .. sent
  return wrk.format("POST", "/api/v1/orders", headers,
    string.format(order, point, first, 2, first + 330, 1, first + 660, 3))
end

function response(status, headers, body)
  if status ~= 201 then
    refused = refused + 1
    if refused == 1 then print("REFUSED " .. status .. " " .. body) end
  end
end

function done(summary, latency, requests)
  print(string.format("RESULT %f %f %f %d", summary.requests / summary.duration * 1e6,
    latency:percentile(50), latency:percentile(99), summary.errors.status))
end
