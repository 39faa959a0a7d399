// Shows what the instance sent to this device: its own words, a link to a page of its own, and nothing else.
self.addEventListener('push', (event) => {
  const { id, page, title, body, link } = event.data?.json() ?? {};
  event.waitUntil(
    self.registration.showNotification(String(title ?? 'Lanyard'), {
      body: String(body ?? ''),
      tag: String(id ?? ''),
      requireInteraction: page === true,
      icon: '/lanyard.svg',
      data: { link },
    }),
  );
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const { link } = event.notification.data ?? {};
  const place = typeof link === 'string' && URL.canParse(link) ? new URL(link) : null;
  // A message opens a page of this console, whatever it says; opening decides nothing.
  const path = place !== null && place.origin === self.location.origin ? place.pathname : '/inbox';
  event.waitUntil(self.clients.openWindow(path));
});
