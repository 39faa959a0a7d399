import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './look/tokens.css';
import './look/parts.css';
import './look/base.css';
import './look/shell.css';
import { isUnanswered, Refused } from './api/ask.ts';
import { keepSession } from './api/session.ts';
import { startTheme } from './look/theme.ts';
import { router } from './router.tsx';

const MOST_RETRIES = 2;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // The stream tells what changes; this is for a tab that was asleep.
      staleTime: 30_000,
      // A refusal is not asked again, and what was waited for long enough is said; an instance that is not there is.
      retry: (failures, error) =>
        failures < MOST_RETRIES && error instanceof Refused && error.status === 0 && !isUnanswered(error),
    },
  },
});

// `npm run dev` speaks to a mock that lets anybody in; a build has no such line.
if (import.meta.env.MODE === 'development') keepSession('mock');
startTheme();
const place = document.getElementById('root');
if (place === null) throw new Error('the page has no place for the console');
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
