import { CSPProvider } from '@base-ui/react/csp-provider';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import './style.css';

const place = document.getElementById('page');
if (place === null) throw new Error('The page has no place to be drawn in.');
createRoot(place).render(
  // The policy allows no style elements.
  <CSPProvider disableStyleElements>
    <App />
  </CSPProvider>,
);
