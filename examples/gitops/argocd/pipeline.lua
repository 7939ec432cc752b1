-- The health of an XReleasePipeline or a ReleasePipeline in Argo CD. It needs no Lua library.

local function health(status, message) return {status = status, message = message} end

local meta, spec, status = obj.metadata, obj.spec, obj.status or {}

local function condition(type)
  for _, c in ipairs(status.conditions or {}) do
    if c.type == type then return c end
  end
  return {}
end

local promoting, released = condition("Promoting"), condition("Released")
local ready, synced = condition("Ready"), condition("Synced")

-- Crossplane stamps Synced with the generation that it looked at. What it found out about an older one says nothing.
local function is_current() return synced.observedGeneration == nil or synced.observedGeneration == meta.generation end

-- The gate that stops a release, where somebody else made it: the pipeline's own say so in Promoting.
local function stopped_by()
  for _, environment in ipairs(status.environments or {}) do
    local verdict = environment.gate_status
    if environment.artifact_id ~= spec.artifact_id and (verdict == "rejected" or verdict == "timeout") then
      return environment.gate .. ": " .. verdict
    end
  end
end

if meta.deletionTimestamp ~= nil then return health("Progressing", "is being deleted") end
if (meta.annotations or {})["crossplane.io/paused"] == "true" then
  return health("Suspended", "paused by the annotation crossplane.io/paused: nothing is released")
end
if is_current() and promoting.reason == "InvalidInput" then return health("Degraded", promoting.message) end
if synced.status == "False" then
  return health("Progressing", "Crossplane: " .. (synced.message or synced.reason))
end
if status.environments == nil or promoting.status == nil or not is_current() then
  return health("Progressing", "nobody has looked at this yet")
end
if promoting.status == "Unknown" then return health("Progressing", promoting.message) end

-- A pipeline that does not drive has nothing to do itself: whether its gates open is theirs to say.
local drives = (spec.artifact_id or "") ~= ""
if drives then
  if status.artifact_id ~= spec.artifact_id then
    return health("Progressing", "nobody has looked at " .. spec.artifact_id .. " yet")
  end
  if promoting.reason == "GateRejected" or promoting.reason == "GateTimedOut" then
    return health("Degraded", promoting.message)
  end
  if promoting.reason == "GateNotOwned" and released.status ~= "True" then
    local stopped = stopped_by()
    if stopped then return health("Degraded", "gate " .. stopped .. "; " .. promoting.message) end
    return health("Progressing", promoting.message)
  end
  if promoting.status == "True" then return health("Progressing", promoting.message) end
end

if ready.status == "False" then
  return health("Progressing", ready.message or "what the pipeline composes is not ready yet")
end
return health("Healthy", drives and released.message or promoting.message)
