// The meeting on the projector. Without this file the links turn the pages and the form is a page like any other.
// Order: 1 the form · 2 turning by keys · 3 a number and Enter · 4 full screen · 5 words not yet recorded
(function () {
  'use strict';

  var meeting = document.querySelector('[data-meeting]');
  var typed = '';
  var warned = null;

  function find(selector) { return document.querySelector(selector); }
  function isTyping(target) { return target.closest('input, textarea, select, [contenteditable]'); }
  function say(words) {
    var place = find('[data-say]');
    if (place) place.textContent = words;
  }

  // 1 ── People of the chosen division; working days fill in the date
  function narrow(form, keeps) {
    var division = form.querySelector('[name="division"]');
    var person = form.querySelector('[name="person"]');
    if (!division || !person) return;
    var chosen = division.options[division.selectedIndex];
    var own = null;
    person.querySelectorAll('optgroup').forEach(function (group) {
      var isOwn = Boolean(division.value) && group.label === chosen.text;
      group.hidden = group.disabled = Boolean(division.value) && !isOwn;
      if (isOwn) own = group;
    });
    var current = person.options[person.selectedIndex];
    var fits = current && own && current.parentNode === own;
    if (own && !fits && !(keeps && !person.value)) {
      var same = Array.prototype.filter.call(own.children, function (option) { return option.value === person.value; })[0];
      (same || own.children[0]).selected = true;
    }
  }
  function prepare() {
    document.querySelectorAll('form[data-resolve]').forEach(function (form) {
      narrow(form, true);
      var close = form.querySelector('[data-close]');
      if (close) close.hidden = false;
    });
  }
  document.addEventListener('change', function (event) {
    var form = event.target.closest('form[data-resolve]');
    if (!form) return;
    if (event.target.name === 'division') narrow(form, false);
    // The date beside it wins, so a choice by working days empties it, and a date takes the choice back.
    if (event.target.name === 'quick') form.querySelector('[name="due_on"]').value = '';
    if (event.target.name === 'due_on' && event.target.value) {
      form.querySelectorAll('[name="quick"]').forEach(function (radio) { radio.checked = false; });
    }
  });
  prepare();
  if (!meeting) return;

  function form() { return meeting.querySelector('details[data-resolving]'); }
  function openForm() {
    if (!form()) return;
    form().open = true;
    makeRoom();
    form().querySelector('textarea').focus({ preventScroll: true });
    form().scrollIntoView({ block: 'nearest' });
  }
  function closeForm() {
    form().open = false;
    meeting.focus({ preventScroll: true });
  }
  // While somebody types, what is not needed for it makes room.
  function makeRoom() { meeting.classList.toggle('is-resolving', Boolean(form() && form().open)); }
  meeting.addEventListener('toggle', function (event) {
    if (event.target !== form()) return;
    makeRoom();
    if (!form().open) return;
    form().querySelector('textarea').focus({ preventScroll: true });
    form().scrollIntoView({ block: 'nearest' });
  }, true);
  document.addEventListener('click', function (event) {
    if (event.target.closest('[data-close]')) closeForm();
    if (event.target.closest('[data-fullscreen]')) turnFullScreen();
  });

  // 2 ── Turning by keys, never while somebody types
  var TURNS = {
    ArrowRight: 'next', PageDown: 'next', ArrowLeft: 'previous', PageUp: 'previous', Home: 'first', End: 'last'
  };
  function go(where) {
    var link = meeting.querySelector('[data-go="' + where + '"]');
    if (link) link.click();
  }
  document.addEventListener('keydown', function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === 'Escape') { escape(event); return; }
    if (isTyping(event.target)) return;
    var where = TURNS[event.key];
    if (event.key === ' ' && !event.target.closest('a, button, summary')) where = event.shiftKey ? 'previous' : 'next';
    if (where) {
      event.preventDefault();
      go(where);
    } else if (/^[0-9]$/.test(event.key)) {
      type(typed + event.key);
    } else if (event.key === 'Backspace' && typed) {
      event.preventDefault();
      type(typed.slice(0, -1));
    } else if (event.key === 'Enter' && typed) {
      event.preventDefault();
      goTo(Number(typed));
    } else if (event.key === 'j' || event.key === 'J') {
      event.preventDefault();  // or the letter would stand in the field
      openForm();
    } else if (event.key === 'f' || event.key === 'F') {
      turnFullScreen();
    }
  });
  // In full screen the browser itself takes Escape to leave it.
  function escape(event) {
    if (typed) { type(''); return; }
    if (form() && form().open) { event.preventDefault(); closeForm(); return; }
    if (!document.fullscreenElement) go('out');
  }

  // 3 ── A number and Enter
  function type(digits) {
    typed = digits.replace(/^0+/, '').slice(0, 4);
    var place = find('[data-typed]');
    if (!place) return;
    place.hidden = !typed;
    place.textContent = typed ? '到第 ' + typed + ' 项，按回车' : '';
  }
  function goTo(number) {
    var top = meeting.querySelector('[data-last]');
    var last = Number(top.dataset.last);
    type('');
    if (number < 1 || number > last) { say('没有第 ' + number + ' 项，共 ' + last + ' 项'); return; }
    // The address of the first item ends in /1/.
    var link = meeting.querySelector('[data-go="first"]');
    var address = top.dataset.address.replace(/1\/$/, number + '/');
    if (!link || !window.htmx) { window.location.assign(address); return; }
    if (holds(link)) return;
    window.htmx.ajax('GET', address, { target: '#meeting', swap: 'innerHTML show:none' }).then(function () {
      window.history.replaceState(null, '', address);
    });
  }

  // 4 ── Full screen, where the browser offers it
  function turnFullScreen() {
    if (!document.fullscreenEnabled) return;
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen();
  }
  function nameFullScreen() {
    var button = find('[data-fullscreen]');
    if (!button) return;
    button.hidden = !document.fullscreenEnabled;
    button.querySelector('span').textContent = document.fullscreenElement ? '退出全屏' : '全屏';
  }
  document.addEventListener('fullscreenchange', nameFullScreen);
  nameFullScreen();
  makeRoom();

  // 5 ── Words typed and not recorded are not turned away from at the first key
  function holds(link) {
    var unsaved = meeting.querySelector('form[data-changed]:not([data-sent])');
    if (!unsaved || warned === unsaved) return false;
    warned = unsaved;
    say('议定事项还没有记录，再按一次才离开');
    link.blur();
    return true;
  }
  meeting.addEventListener('click', function (event) {
    var link = event.target.closest('[data-go]');
    if (!link || !holds(link)) return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
  document.addEventListener('htmx:afterSwap', function (event) {
    if (event.detail.target !== meeting) return;
    typed = '';
    warned = null;
    prepare();
    makeRoom();
    nameFullScreen();
    var messages = find('#messages');
    if (messages) messages.replaceChildren();
    if (form() && form().open) form().querySelector('[aria-invalid="true"], textarea').focus();
    else meeting.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  });
})();
