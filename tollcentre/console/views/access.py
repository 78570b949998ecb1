"""Pages of access: signing in and out."""

from django.contrib.auth.views import LoginView, LogoutView

login = LoginView.as_view(
    template_name="console/access/login.html", redirect_authenticated_user=True
)
logout = LogoutView.as_view(next_page="login")
