-- Drives the language server from Neovim as a user would, and prints what the user would see.
-- Run by test_neovim.py, with the config as the open buffer. OLIVEPRESS_COMMAND: the server's command, one word a line.
-- Uses what Neovim 0.7 has, Debian 12's.

local severities = { "error", "warning", "information", "hint" }
local words = vim.split(vim.env.OLIVEPRESS_COMMAND, "\n")

local function say(text)
  io.stdout:write(text, "\n")
end

local client = vim.lsp.start_client({ name = "olivepress", cmd = words, root_dir = vim.fn.getcwd() })
vim.lsp.buf_attach_client(0, client)

-- Waits until the findings of the buffer satisfy a condition.
local function findings(condition)
  vim.wait(30000, function() return condition(vim.diagnostic.get(0)) end, 20)
  return vim.diagnostic.get(0)
end

local function show(list)
  for _, one in ipairs(list) do
    say(string.format("%d:%d %s: %s [%s]", one.lnum + 1, one.col + 1, severities[one.severity], one.message, one.code))
  end
end

-- Puts the cursor behind the first place where a text stands, asks, and gives the server's answer.
local function ask(method, after)
  vim.fn.cursor(1, 1)
  vim.fn.search("\\V" .. vim.fn.escape(after, "\\"), "ce")
  local params = vim.lsp.util.make_position_params(0, "utf-16")
  if method == "textDocument/completion" then
    params.position.character = params.position.character + 1
  end
  local answers = vim.lsp.buf_request_sync(0, method, params, 30000)
  return answers[client].result
end

say("# open")
show(findings(function(list) return #list >= 3 end))

say("# complete a pass type behind \"Merge")
local items = vim.tbl_filter(function(item)
  return vim.startswith(item.filterText or item.label, "Merge") or vim.startswith(item.label, "Merge")
end, ask("textDocument/completion", '"type": "Merge').items)
table.sort(items, function(one, other) return one.sortText < other.sortText end)
for _, item in ipairs(items) do
  say(item.label .. (item.detail and "  " .. item.detail or ""))
end

say("# hover over r")
local text = ask("textDocument/hover", '"r').contents.value
for _, line in ipairs(vim.split(text, "\n")) do
  if line ~= "" and not line:find("](file:", 1, true) then
    say(line)
  end
end

say("# mend three words")
vim.cmd([[silent! %s/target_moduls/target_modules/]])
vim.cmd([[silent! %s/"trian"/"train"/]])
vim.cmd([[silent! %s/"Merge"/"MergeAdapterWeights"/]])
show(findings(function(list) return #list == 0 end))
say("findings left: " .. #vim.diagnostic.get(0))

vim.lsp.stop_client(client)
vim.wait(5000, function() return vim.lsp.client_is_stopped(client) end, 20)
vim.cmd("qa!")
