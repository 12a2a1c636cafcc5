// Niceties only: without this file every page and form works just the same.
// Order: 1 search key · 2 popovers · 3 submitting once · 4 unsaved words · 5 choosing rows · 6 answers of htmx
(function () {
  'use strict';

  // 1 ── "/" goes to the search field
  document.addEventListener('keydown', function (event) {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest('input, textarea, select, [contenteditable]')) return;
    var search = document.getElementById('q');
    if (!search) return;
    event.preventDefault();
    search.focus();
    search.select();
  });

  // 2 ── <details class="pop"> closes by Escape and by a click elsewhere
  function closePops(except) {
    document.querySelectorAll('details.pop[open]').forEach(function (pop) {
      if (!except || !pop.contains(except)) pop.open = false;
    });
  }
  document.addEventListener('click', function (event) {
    closePops(event.target);
    var barred = event.target.closest('[aria-disabled="true"]');
    if (barred) event.preventDefault();
    if (event.target.closest('[data-print]')) window.print();
  });
  document.addEventListener('keydown', function (event) {
    if (event.key !== 'Escape') return;
    var pop = event.target.closest('details.pop[open]');
    closePops(null);
    if (pop) pop.querySelector('summary').focus();
  });

  // 3 ── A form is sent once: its button says 正在… and rests. The server refuses the second time anyway.
  function rest(form, pressed) {
    form.dataset.sent = '1';
    form.querySelectorAll('button[type="submit"], button:not([type])').forEach(function (button) {
      if (button.disabled) return;
      button.disabled = true;
      button.dataset.rested = '1';
      if (button !== pressed) return;
      button.dataset.words = button.innerHTML;
      button.textContent = button.dataset.busy || '正在提交';
      var spinner = document.createElement('span');
      spinner.className = 'spinner-border spinner-border-sm me-1';
      spinner.setAttribute('aria-hidden', 'true');
      button.prepend(spinner);
    });
  }
  function wake(form) {
    delete form.dataset.sent;
    form.querySelectorAll('button[data-rested]').forEach(function (button) {
      button.disabled = false;
      delete button.dataset.rested;
      if (button.dataset.words === undefined) return;
      button.innerHTML = button.dataset.words;
      delete button.dataset.words;
    });
  }
  document.addEventListener('submit', function (event) {
    var form = event.target;
    // getAttribute: a field named method or target hides the property
    if ((form.getAttribute('method') || '').toLowerCase() !== 'post' || form.getAttribute('target') || form.hasAttribute('data-download') || form.hasAttribute('data-open')) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    var pressed = event.submitter || form.querySelector('button[type="submit"], button:not([type])');
    // After this turn: a disabled button would not send its name and value.
    setTimeout(function () { if (!event.defaultPrevented) rest(form, pressed); }, 0);
  });
  // The page comes back from the back-forward cache as it was left: with its buttons at rest.
  window.addEventListener('pageshow', function (event) {
    if (event.persisted) document.querySelectorAll('form[data-sent]').forEach(wake);
  });

  // 4 ── Words typed into a form[data-guard] are not lost by leaving without a question
  document.addEventListener('input', function (event) {
    var form = event.target.form;
    if (form && form.hasAttribute('data-guard')) form.dataset.changed = '1';
  });
  window.addEventListener('beforeunload', function (event) {
    if (!document.querySelector('form[data-guard][data-changed]:not([data-sent])')) return;
    event.preventDefault();
    event.returnValue = '';
  });

  // 5 ── form[data-bulk]: [data-all] chooses the page, .bulk shows how many are chosen
  function count(form) {
    var boxes = form.querySelectorAll('tbody input[type="checkbox"]');
    var chosen = 0;
    boxes.forEach(function (box) {
      if (box.checked) chosen += 1;
      box.closest('tr').classList.toggle('row-on', box.checked);
    });
    var all = form.querySelector('[data-all]');
    if (all) { all.checked = chosen > 0 && chosen === boxes.length; all.indeterminate = chosen > 0 && chosen < boxes.length; }
    form.querySelectorAll('[data-chosen]').forEach(function (place) { place.textContent = chosen; });
    form.querySelectorAll('.bulk').forEach(function (bar) { bar.hidden = chosen === 0; });
    form.classList.toggle('is-chosen', chosen > 0);
  }
  document.addEventListener('change', function (event) {
    var form = event.target.closest('form[data-bulk]');
    if (!form) return;
    if (event.target.hasAttribute('data-all')) {
      form.querySelectorAll('tbody input[type="checkbox"]:not(:disabled)').forEach(function (box) { box.checked = event.target.checked; });
    }
    count(form);
  });
  document.addEventListener('click', function (event) {
    var none = event.target.closest('[data-none]');
    var form = none && none.closest('form[data-bulk]');
    if (!form) return;
    event.preventDefault();
    form.querySelectorAll('tbody input[type="checkbox"]').forEach(function (box) { box.checked = false; });
    count(form);
  });
  document.querySelectorAll('form[data-bulk]').forEach(count);

  // 6 ── htmx: no silent failure, and a session that ended goes to the sign-in page
  function say(words) {
    var place = document.getElementById('messages');
    if (!place) return;
    var note = document.createElement('div');
    note.className = 'note note-amber';
    var text = document.createElement('span');
    text.textContent = words;
    note.append(text);
    place.replaceChildren(note);
    place.scrollIntoView({ block: 'nearest' });
  }
  // The bell asks by itself: only while it is seen, and what fails is no news to anybody.
  function isByItself(event) { return event.detail.elt.hasAttribute('data-quiet'); }
  document.addEventListener('htmx:beforeRequest', function (event) {
    if (isByItself(event) && document.hidden) event.preventDefault();
  });
  document.addEventListener('htmx:beforeSwap', function (event) {
    if (event.detail.xhr.responseText.indexOf('data-page="sign-in"') < 0) return;
    event.detail.shouldSwap = false;
    if (!isByItself(event)) window.location.reload();
  });
  document.addEventListener('htmx:responseError', function (event) {
    if (isByItself(event)) return;
    var status = event.detail.xhr.status;
    say(status === 404 ? '没有办成：此项已不存在，或者您无权查看。请刷新页面。' : '没有办成：系统出错，已记录。请稍后再试。');
  });
  document.addEventListener('htmx:sendError', function (event) { if (!isByItself(event)) say('没有办成：连不上服务器。您填写的内容还在，请检查网络后再提交。'); });
  document.addEventListener('htmx:afterRequest', function (event) {
    var form = event.detail.elt.closest('form');
    if (form) wake(form);
  });
})();
