/* Shows the way to be told on this device where the browser offers it, and asks the browser when it is pressed. */
(() => {
  const form = document.querySelector('[data-push]');
  if (!form || !('serviceWorker' in navigator) || !('PushManager' in window)) return;
  const none = document.getElementById('push-none');
  const refused = form.querySelector('[data-refused]');
  form.hidden = false;
  none.hidden = true;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (sign) => sign.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  const subscription = async () => {
    const worker = await navigator.serviceWorker.register(form.dataset.worker, { scope: '/' });
    await navigator.serviceWorker.ready;
    const old = await worker.pushManager.getSubscription();
    if (old) await old.unsubscribe(); // it may have been made for another key, or another person
    return worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(form.dataset.push) });
  };
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = form.querySelector('button');
    button.disabled = true;
    try {
      const made = await subscription();
      form.elements.address.value = made.endpoint;
      form.elements.public_key.value = text(made.getKey('p256dh'));
      form.elements.secret.value = text(made.getKey('auth'));
      form.submit();
    } catch {
      refused.hidden = false;
      button.disabled = false;
    }
  });
})();
