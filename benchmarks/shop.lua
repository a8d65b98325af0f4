-- Visitors of a shop: one page again and again, or (BENCH_PAUSE) people who look about and buy.
local path = os.getenv("BENCH_PATH")
local cart = os.getenv("BENCH_CART")
local pause = tonumber(os.getenv("BENCH_PAUSE") or "-1")
local sent, refused = 0, 0

local name = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
local page, walk

function init(args)
  math.randomseed(os.time())
  page = wrk.format("GET", path, {["User-Agent"] = name})
  if pause < 0 then return end
  local fresh = {["User-Agent"] = name, ["Accept-Encoding"] = "gzip"}
  local own = {["User-Agent"] = name, ["Accept-Encoding"] = "gzip", ["Cookie"] = "cart=" .. cart}
  local form = {
    ["User-Agent"] = name,
    ["Cookie"] = "cart=" .. cart,
    ["Origin"] = "http://" .. wrk.host .. ":" .. wrk.port,
    ["Content-Type"] = "application/x-www-form-urlencoded",
  }
  walk = {
    wrk.format("GET", path, fresh),
    wrk.format("GET", path .. "?q=product", fresh),
    wrk.format("GET", path .. "/p/SKU-7", fresh),
    wrk.format("POST", path .. "/carrinho", form, "sku=SKU-7&quantity=1"),
    wrk.format("GET", path .. "/carrinho", own),
    wrk.format("GET", path, own),
  }
end

function delay()
  if pause <= 0 then return 0 end
  return math.random(math.floor(pause / 2), math.floor(pause * 3 / 2))
end

function request()
  if pause < 0 then return page end
  sent = sent + 1
  return walk[1 + sent % #walk]
end

function response(status, headers, body)
  if status ~= 200 and status ~= 303 then
    refused = refused + 1
    if refused == 1 then print("REFUSED " .. status .. " " .. body) end
  end
end

function done(summary, latency, requests)
  print(string.format("RESULT %f %f %f %d", summary.requests / summary.duration * 1e6,
    latency:percentile(50), latency:percentile(99), summary.errors.status))
end
