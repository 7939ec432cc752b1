-- The health of an XPromotionGate or a PromotionGate in Argo CD. Argo CD gives a health check the base and the table
-- library and no other, so that "begins with" is a comparison here.

local function health(status, message) return {status = status, message = message} end

local meta, spec, status = obj.metadata, obj.spec, obj.status or {}

local function condition(type)
  for _, c in ipairs(status.conditions or {}) do
    if c.type == type then return c end
  end
  return {}
end

-- Crossplane stamps Synced with the generation that it looked at. What it found out about an older one says nothing.
local function is_current()
  local generation = condition("Synced").observedGeneration
  return generation == nil or generation == meta.generation
end

-- Status is about the attempt that the audit trail began last: that entry begins with its artifact and its number.
local function is_about_spec()
  local detail = ""
  for _, entry in ipairs(status.audit or {}) do
    if entry.action == "AttemptStarted" then detail = entry.detail or "" end
  end
  local begin = '{"artifact_id":"' .. spec.artifact_id .. '","attempt":' .. (spec.attempt or 1) .. ","
  return begin <= detail and detail < begin .. "~"
end

local function open_requirements()
  local open = {}
  for _, r in ipairs(status.requirements or {}) do
    if not r.satisfied then table.insert(open, r.name .. ": " .. r.message) end
  end
  return table.concat(open, "; ")
end

local function crossplane_says()
  local synced = condition("Synced")
  if synced.status ~= "False" then return "" end
  return " (Crossplane: " .. (synced.message or synced.reason) .. ")"
end

if meta.deletionTimestamp ~= nil then return health("Progressing", "is being deleted") end

-- A verdict is final, whatever happens to the gate afterwards.
local again = ": set another artifact_id, or raise attempt to try again"
if is_about_spec() then
  if status.gate_status == "approved" and status.approved_artifact_id == spec.artifact_id then
    local by = (status.approver or "") ~= "" and " by " .. status.approver or ""
    return health("Healthy", spec.artifact_id .. " may go to " .. spec.target_environment .. ": approved" .. by ..
      " at " .. status.approval_timestamp)
  elseif status.gate_status == "rejected" then
    return health("Degraded", spec.artifact_id .. " was rejected by " .. status.approver .. again)
  elseif status.gate_status == "timeout" then
    return health("Degraded", spec.artifact_id .. " was not approved by " .. status.deadline .. again)
  end
end

if (meta.annotations or {})["crossplane.io/paused"] == "true" then
  return health("Suspended", "paused by the annotation crossplane.io/paused: nothing is decided")
end
if is_current() then
  local approved, intact = condition("Approved"), condition("AuditIntact")
  if approved.reason == "InvalidInput" then return health("Degraded", approved.message) end
  if intact.status == "False" then return health("Degraded", "the audit trail is broken: " .. intact.message) end
end

if not is_about_spec() then
  return health("Progressing", "nobody has looked at this artifact and attempt yet" .. crossplane_says())
end
return health("Progressing", "waiting until " .. status.deadline .. ": " .. open_requirements() .. crossplane_says())
