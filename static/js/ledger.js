// Niceties of the ledger: without this file everything on it works just the same.
// Order: 1 search key · 2 rows by keyboard · 3 choosing at once · 4 short addresses
(function () {
  'use strict';

  var table = document.querySelector('table[data-rows]');
  var at = -1;

  function rows() { return table ? Array.prototype.slice.call(table.querySelectorAll('tr[data-row]')) : []; }
  function isTyping(target) { return target.closest('input:not([type="checkbox"]), textarea, select, [contenteditable]'); }

  // 1 ── "/" goes to the search field of the list, not to that of the frame
  document.addEventListener('keydown', function (event) {
    var search = document.getElementById('f-q');
    if (event.key !== '/' || !search || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return;
    event.preventDefault();
    event.stopPropagation();
    search.focus();
    search.select();
  }, true);

  // 2 ── j and k, or the arrows, move along the rows; Enter opens, x chooses
  function go(to) {
    var all = rows();
    if (!all.length) return;
    if (all[at]) all[at].classList.remove('is-at');
    at = Math.max(0, Math.min(all.length - 1, to));
    all[at].classList.add('is-at');
    all[at].querySelector('.it').focus({ preventScroll: true });
    all[at].scrollIntoView({ block: 'nearest' });
  }
  document.addEventListener('focusin', function (event) {
    var row = event.target.closest('tr[data-row]');
    if (!row) return;
    var all = rows();
    if (all[at]) all[at].classList.remove('is-at');
    at = all.indexOf(row);
    row.classList.add('is-at');
  });
  document.addEventListener('keydown', function (event) {
    if (!table || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return;
    if (event.target.closest('details[open]')) return;
    var isArrow = event.key === 'ArrowDown' || event.key === 'ArrowUp';
    if (isArrow && at < 0) return;  // until one moves among rows, arrows scroll
    if (event.key === 'j' || event.key === 'ArrowDown') { event.preventDefault(); go(at + 1); return; }
    if (event.key === 'k' || event.key === 'ArrowUp') { event.preventDefault(); go(at - 1); return; }
    if (event.key !== 'x' || at < 0) return;
    var box = rows()[at].querySelector('input[type="checkbox"]');
    if (box) box.click();
  });

  // 3 ── choosing a plan or a grouping is asking for it
  document.addEventListener('change', function (event) {
    if (event.target.hasAttribute('data-submit') && event.target.form) event.target.form.requestSubmit();
  });

  // 4 ── fields left empty stay out of the address
  document.addEventListener('submit', function (event) {
    if ((event.target.getAttribute('method') || '').toLowerCase() !== 'get') return;
    Array.prototype.forEach.call(event.target.elements, function (field) {
      if (field.name && !field.value) field.disabled = true;
    });
  });
  window.addEventListener('pageshow', function () {
    document.querySelectorAll('form[method="get"]').forEach(function (form) {
      Array.prototype.forEach.call(form.elements, function (field) { field.disabled = false; });
    });
  });
})();
