import type { ReactNode } from 'react';

/** One step of signing in: its fields, what went wrong with them, and the button that sends them. */
export function SignInForm(props: {
  title: string;
  text: string;
  submit: string;
  failure: string | undefined;
  onSubmit(field: (name: string) => string): void;
  children: ReactNode;
}) {
  return (
    <main className="welcome sign-in">
      <h1>{props.title}</h1>
      <p>{props.text}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          props.onSubmit((name) => String(form.get(name)));
        }}
      >
        {props.children}
        {props.failure && (
          <p role="alert" className="failure">
            {props.failure}
          </p>
        )}
        <button type="submit" className="button primary">
          {props.submit}
        </button>
      </form>
    </main>
  );
}
