# shellcheck shell=bash
# What people whom the auditor trusts hand over. (No trail here is made with the key: the page says so.)
ssh_key >allowed_signers
printf 'a key of thirty-two bytes, or so' >audit.key
