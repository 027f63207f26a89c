-- Purpose: what the application has put on the provider's tables; on a new project the provider's own tools make it.
--   Runs as supabase_admin.
-- Settings: none. Servers: 15 and 17.
SET ROLE supabase_auth_admin;
CREATE TRIGGER on_auth_user_created AFTER INSERT ON auth.users
  FOR EACH ROW EXECUTE FUNCTION public.handle_new_user();
SET ROLE supabase_storage_admin;
CREATE POLICY "makers read files" ON storage.objects FOR SELECT TO authenticated USING (public.may_read_file(name));
RESET ROLE;
