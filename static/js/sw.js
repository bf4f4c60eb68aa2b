/* What a browser keeps to tell of a letter while no page is open: shows that there is one, and opens the page. */
self.addEventListener('push', (event) => {
  const told = event.data ? event.data.json() : {};
  const shown = { body: told.body || '', tag: 'praise', data: { path: told.path || '/praise' }, icon: '/static/img/icon.svg' };
  event.waitUntil(self.registration.showNotification(told.title || '', shown));
});
self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const address = new URL(event.notification.data.path, self.location.origin);
  if (address.origin !== self.location.origin) return;
  event.waitUntil(self.clients.matchAll({ type: 'window' }).then((open) => {
    const page = open.find((one) => new URL(one.url).pathname === address.pathname);
    return page ? page.focus() : self.clients.openWindow(address.href);
  }));
});
